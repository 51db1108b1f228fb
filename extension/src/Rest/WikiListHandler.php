<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Config\Config;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Rest\Handler;
use Wikimedia\ParamValidator\ParamValidator;
use Wikimedia\ParamValidator\TypeDef\IntegerDef;

/** A page of wikis: `{wikis, next_offset?}`. */
abstract class WikiListHandler extends WikiFarmHandler {
	/** Nobody turns so many pages; the service takes no larger number either. */
	public const MOST_PASSED_OVER = 10000;

	public function __construct( ServiceClient $client, private readonly Config $config ) {
		parent::__construct( $client );
	}

	/** @return array<string,int> */
	protected function page(): array {
		[ 'limit' => $limit, 'offset' => $offset ] = $this->getValidatedParams();
		$usual = min( 100, max( 1, (int)$this->config->get( 'WikiFarmFeaturedPageSize' ) ) );
		return [ 'limit' => $limit ?? $usual, 'offset' => $offset ];
	}

	/** @inheritDoc */
	public function getParamSettings() {
		return [
			'limit' => [
				Handler::PARAM_SOURCE => 'query',
				ParamValidator::PARAM_TYPE => 'integer',
				ParamValidator::PARAM_REQUIRED => false,
				IntegerDef::PARAM_MIN => 1,
				IntegerDef::PARAM_MAX => 100,
			],
			'offset' => [
				Handler::PARAM_SOURCE => 'query',
				ParamValidator::PARAM_TYPE => 'integer',
				ParamValidator::PARAM_REQUIRED => false,
				ParamValidator::PARAM_DEFAULT => 0,
				IntegerDef::PARAM_MIN => 0,
				IntegerDef::PARAM_MAX => self::MOST_PASSED_OVER,
			],
		];
	}

	/** @inheritDoc */
	public function needsWriteAccess() {
		return false;
	}
}
