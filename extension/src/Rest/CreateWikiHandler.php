<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Extension\WikiFarm\NameRules;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Extension\WikiFarm\ServiceRequest;
use MediaWiki\Permissions\PermissionStatus;
use MediaWiki\Rest\Handler;
use MediaWiki\Rest\HttpException;
use MediaWiki\Rest\Response;
use MediaWiki\Rest\TokenAwareHandlerTrait;
use MediaWiki\Rest\Validator\Validator;
use Wikimedia\Message\MessageValue;
use Wikimedia\ParamValidator\ParamValidator;

/** POST /wikifarm/v1/wikis: asks for a wiki, and answers with the task that makes it. */
class CreateWikiHandler extends WikiFarmHandler {
	use TokenAwareHandlerTrait;

	public function __construct( ServiceClient $client, private readonly NameRules $nameRules ) {
		parent::__construct( $client );
	}

	/** @inheritDoc */
	public function validate( Validator $restValidator ) {
		parent::validate( $restValidator );
		$this->validateToken();
	}

	public function run(): Response {
		$user = $this->requireUser();
		$status = PermissionStatus::newEmpty();
		if ( !$this->getAuthority()->authorizeAction( 'create-wiki', $status ) ) {
			throw $this->notAllowed( $status );
		}
		[ 'name' => $name, 'slug' => $slug, 'language' => $language, 'visibility' => $visibility ] =
			$this->getValidatedBody();
		$problem = $this->nameRules->findProblem( $name, $slug, $language, $visibility );
		if ( $problem ) {
			throw $this->refusal( $problem[0], 400, $problem[1] );
		}
		$wanted = [ 'name' => trim( $name ), 'slug' => $slug, 'language' => $language, 'visibility' => $visibility ];
		$key = $this->getRequest()->getHeaderLine( 'Idempotency-Key' );
		$request = ServiceRequest::to( 'POST', [ 'wikis' ], [], $wanted );
		return $this->answer( $this->ask( $request, $user, self::isKey( $key ) ? $key : '' ), 202 );
	}

	private static function isKey( string $key ): bool {
		return (bool)preg_match( '/^[\x21-\x7e]{1,200}$/D', $key );
	}

	private function notAllowed( PermissionStatus $status ): HttpException {
		if ( $status->isRateLimitExceeded() ) {
			return $this->refusal( 'rate_limited', 429, new MessageValue( 'wikifarm-error-rate-limited' ) );
		}
		$messages = $status->getMessages( 'error' );
		return $this->refusal( 'forbidden', 403, $messages ?
			MessageValue::newFromSpecifier( $messages[0] ) : new MessageValue( 'wikifarm-error-forbidden' ) );
	}

	/** @inheritDoc */
	public function getBodyParamSettings(): array {
		$text = [
			Handler::PARAM_SOURCE => 'body',
			ParamValidator::PARAM_TYPE => 'string',
			ParamValidator::PARAM_REQUIRED => true,
		];
		return [
			'name' => $text,
			'slug' => $text,
			'language' => $text,
			'visibility' => [ ParamValidator::PARAM_REQUIRED => false, ParamValidator::PARAM_DEFAULT => 'public' ] + $text,
		] + $this->getTokenParamDefinition();
	}

	/** @inheritDoc */
	public function needsWriteAccess() {
		// Nothing is written here.
		return false;
	}
}
