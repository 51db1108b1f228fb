<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Extension\WikiFarm\ServiceRequest;
use MediaWiki\Rest\Handler;
use MediaWiki\Rest\Response;
use MediaWiki\Rest\TokenAwareHandlerTrait;
use MediaWiki\Rest\Validator\Validator;
use Wikimedia\ParamValidator\ParamValidator;

/** POST /wikifarm/v1/tasks/{id}/retry and …/cancel */
class TaskActionHandler extends WikiFarmHandler {
	use TokenAwareHandlerTrait;

	/** @inheritDoc */
	public function validate( Validator $restValidator ) {
		parent::validate( $restValidator );
		$this->validateToken();
	}

	public function run( string $id, string $action ): Response {
		$request = ServiceRequest::to( 'POST', [ 'tasks', $id, $action ], [], [] );
		return $this->answer( $this->ask( $request, $this->requireUser() ), 202 );
	}

	/** @inheritDoc */
	public function getParamSettings() {
		$inPath = [ Handler::PARAM_SOURCE => 'path', ParamValidator::PARAM_REQUIRED => true ];
		return [
			'id' => [ ParamValidator::PARAM_TYPE => 'string' ] + $inPath,
			'action' => [ ParamValidator::PARAM_TYPE => [ 'retry', 'cancel' ] ] + $inPath,
		];
	}

	/** @inheritDoc */
	public function getBodyParamSettings(): array {
		return $this->getTokenParamDefinition();
	}

	/** @inheritDoc */
	public function needsWriteAccess() {
		return false;
	}
}
