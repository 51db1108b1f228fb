<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Config\Config;
use MediaWiki\Extension\WikiFarm\EventPassage;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Extension\WikiFarm\ServiceFailure;
use MediaWiki\Extension\WikiFarm\StreamPlaces;
use MediaWiki\Rest\Handler;
use MediaWiki\Rest\ResponseInterface;
use Wikimedia\ParamValidator\ParamValidator;

/**
 * GET /wikifarm/v1/tasks/{id}/events: the service's stream. Where this machine has a PHP worker to spare, it follows the
 * task for a short while; else it tells what there is. Either way the browser comes back with its Last-Event-ID.
 */
class TaskEventsHandler extends WikiFarmHandler {
	private const RETRY_MS = 300;
	private const RETRY_MS_WITHOUT_A_PLACE = 3000;

	public function __construct(
		ServiceClient $client,
		private readonly StreamPlaces $places,
		private readonly Config $config
	) {
		parent::__construct( $client );
	}

	public function run( string $id ): ResponseInterface {
		$user = $this->requireUser();
		$lastEventId = $this->getRequest()->getHeaderLine( 'Last-Event-ID' );
		if ( !preg_match( '/^\d{0,15}$/D', $lastEventId ) ) {
			$lastEventId = '';
		}
		$seconds = (float)$this->config->get( 'WikiFarmStreamSeconds' );
		$follow = $seconds > 0 && $this->places->take();
		try {
			$stream = $this->client->openEvents( $id, $lastEventId, $follow, $user );
		} catch ( ServiceFailure $failure ) {
			$this->places->leave();
			throw $this->told( $failure );
		}
		// Those who poll do not all come at once.
		$retry = $follow ? self::RETRY_MS : self::RETRY_MS_WITHOUT_A_PLACE + mt_rand( 0, 2000 );
		$passage = new EventPassage( $stream, $follow ? $seconds : 5, $retry );
		$response = $this->getResponseFactory()->create();
		$response->setHeader( 'Content-Type', 'text/event-stream; charset=utf-8' );
		$response->setHeader( 'Cache-Control', 'no-store' );
		// nginx would keep it.
		$response->setHeader( 'X-Accel-Buffering', 'no' );
		$response->setBody( new EventPassageBody( $passage, fn () => $this->places->leave() ) );
		return $response;
	}

	/** @inheritDoc */
	public function getParamSettings() {
		return [
			'id' => [
				Handler::PARAM_SOURCE => 'path',
				ParamValidator::PARAM_TYPE => 'string',
				ParamValidator::PARAM_REQUIRED => true,
			],
		];
	}

	/** @inheritDoc */
	public function needsWriteAccess() {
		return false;
	}
}
